"""The names, streets, sectors and teams from which a county is invented.

Names are common ones of the communities that live in the county, so that apostrophes, hyphens, diacritics and
surnames with a feminine form are met in every demonstration. Nobody here is anybody: every street says that it is
invented, every telephone number lies in the range kept for fiction, every address of e-mail ends in `.example`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Community:
    """Forenames and surnames that go together; a surname is `his` and `hers`, mostly the same."""

    share: int
    hers: tuple[str, ...]
    his: tuple[str, ...]
    surnames: tuple[tuple[str, str], ...]


def _surnames(text: str) -> tuple[tuple[str, str], ...]:
    """Read surnames parted by blanks; `Nowicki/Nowicka` has two forms, `_` stands for a blank inside one."""
    pairs = (word.replace("_", " ").partition("/") for word in text.split())
    return tuple((his, hers or his) for his, _, hers in pairs)


def _community(share: int, hers: str, his: str, surnames: str) -> Community:
    return Community(share, tuple(hers.split()), tuple(his.split()), _surnames(surnames))


COMMUNITIES = (
    _community(
        64,
        "Olivia Amelia Isla Ava Grace Freya Lily Evie Sophie Chloe Emma Jessica Laura Sarah Rebecca Gemma Stacey "
        "Kelly Donna Michelle Tracey Karen Julie Susan Margaret Zoë Chloë Anne-Marie Leanne Kayleigh",
        "Oliver George Harry Noah Jack Leo Arthur Alfie Charlie Thomas James Daniel Ryan Liam Craig Lee Darren "
        "Wayne Paul Mark Stephen Andrew Peter Kevin Gary Dean Jamie Kieran Jordan Callum",
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White "
        "Roberts Green Hall Wood Jackson Clarke Harris Clark Turner Hill Cooper Ward Baker Carter Morris King "
        "Allen Young Scott Bell Palmer Chapman Webb Fuller Setchell Papworth Peacock Fenn Marsh Norman Gotobed "
        "Smith-Jones Taylor-Wood Hall-Baker St._John Van_der_Berg",
    ),
    _community(
        8,
        "Anna Katarzyna Małgorzata Agnieszka Zofia Julia Aleksandra Wiktoria Elżbieta Joanna Łucja",
        "Piotr Krzysztof Tomasz Paweł Michał Łukasz Jakub Szymon Grzegorz Wojciech Kacper",
        "Nowak Kowalski/Kowalska Wiśniewski/Wiśniewska Wójcik "
        "Kamiński/Kamińska Lewandowski/Lewandowska Zieliński/Zielińska "
        "Szymański/Szymańska Dąbrowski/Dąbrowska Mazur Król Jabłoński/Jabłońska",
    ),
    _community(
        6,
        "Rūta Eglė Ieva Gabija Kotryna Jūratė Daiva Rasa Viktorija Austėja",
        "Jonas Mantas Tomas Lukas Darius Vytautas Žilvinas Andrius Gintaras Rokas",
        "Kazlauskas/Kazlauskienė Jankauskas/Jankauskienė Petrauskas/Petrauskienė Stankevičius/Stankevičienė "
        "Žukauskas/Žukauskienė Butkus/Butkienė Paulauskas/Paulauskienė Urbonas/Urbonienė",
    ),
    _community(
        5,
        "Maria Elena Ioana Andreea Ștefania Mihaela Cristina Alexandra Daniela",
        "Andrei Ștefan Ionuț Mihai Alexandru Cătălin Gheorghe Florin Răzvan",
        "Popescu Ionescu Popa Dumitru Stan Constantin Țurcanu Munteanu Rusu Șerban",
    ),
    _community(
        4,
        "Maria Ana Inês Beatriz Conceição Joana Catarina Sofia",
        "João José António Gonçalo Tiago Rui Nuno Luís",
        "Silva Santos Ferreira Pereira Gonçalves Araújo dos_Santos Simões da_Conceição Magalhães",
    ),
    _community(
        6,
        "Aisha Fatima Priya Zainab Ayesha Anjali Nasreen Simran Yasmin Noor",
        "Mohammed Muhammad Imran Ali Arjun Ravi Bilal Hassan Gurpreet Abdul",
        "Khan Hussain Ahmed Begum Patel Singh/Kaur Ali Chowdhury Rahman Miah Shah Uddin",
    ),
    _community(
        4,
        "Siobhán Aoife Niamh Bridget Róisín Sinéad Caitlín Mary",
        "Seán Patrick Conor Ciarán Pádraig Declan Brendan Eoin",
        "O'Brien O'Neill Murphy Kelly O\u2019Connor Ryan Doherty McCarthy Ní_Bhriain D'Arcy Gallagher",
    ),
    _community(
        3,
        "Nadia Hana Blessing Chiamaka Mei Thanh Maryam Sara",
        "Kofi Emeka Wei Minh Yusuf Omar Samuel Tendai",
        "Okafor Mensah Nguyễn Chen Wang Haddad Tesfaye Moyo Çelik",
    ),
)
COMMUNITY_SHARES = tuple(community.share for community in COMMUNITIES)

STREETS = tuple(
    f"Invented {name}"
    for name in ("Street", "Road", "Close", "Lane", "Drove", "Way", "Avenue", "Terrace", "Green", "Chapel Lane")
)

#: Outward code -> its town and the sector digits in use.
TOWNS: dict[str, tuple[str, str]] = {
    "CB1": ("Cambridge", "1238"),
    "CB2": ("Cambridge", "01389"),
    "CB3": ("Cambridge", "09"),
    "CB4": ("Cambridge", "1236"),
    "CB5": ("Cambridge", "8"),
    "CB6": ("Ely", "123"),
    "CB7": ("Ely", "45"),
    "CB8": ("Newmarket", "019"),
    "CB21": ("Cambridge", "456"),
    "CB22": ("Cambridge", "3457"),
    "CB23": ("Cambridge", "1234578"),
    "CB24": ("Cambridge", "345689"),
    "CB25": ("Cambridge", "09"),
    "PE7": ("Peterborough", "123"),
    "PE13": ("Wisbech", "1234"),
    "PE14": ("Wisbech", "0789"),
    "PE15": ("March", "089"),
    "PE16": ("Chatteris", "6"),
    "PE19": ("St Neots", "1268"),
    "PE26": ("Ramsey", "12"),
    "PE27": ("St Ives", "345"),
    "PE28": ("Huntingdon", "023459"),
    "PE29": ("Huntingdon", "12367"),
}
SECTORS = tuple(
    (f"{outcode} {digit}", town) for outcode, (town, digits) in TOWNS.items() for digit in sorted(set(digits))
)
#: Letters that the last two places of a postcode may hold.
UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"

#: Teams whose name says nothing about a family but that it is helped.
ORDINARY_TEAMS = (
    "Early Help Hub",
    "Early Help District Team",
    "Family Workers",
    "Children's Centre",
    "Education Inclusion",
    "School Nursing",
    "Targeted Youth Support",
)
#: Teams whose name alone tells a secret: a removal of children, a refuge, a drug service. No partner may read one.
SENSITIVE_TEAMS = (
    "The Harbour Project (women whose children were removed)",
    "Refuge Outreach and IDVA Service",
    "Young People's Substance Misuse Service",
    "Youth Justice Service",
)
JOB_TITLES = (
    "Family Worker",
    "Senior Family Worker",
    "Young People's Worker",
    "School Family Worker",
    "Health Visitor",
)
