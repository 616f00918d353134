"""Few names, many people: the names of populations in which names tell little.

Pure: none of these is used to train the model. What is made of the names is left to `unlike_people.py`.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pool:
    """Whose names they are, and how they are built."""

    name: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    #: What a family has in common; empty where a child has the father's forename as surname.
    surnames: tuple[str, ...] = ()
    #: A name before the one that somebody is called by, which brothers or sisters share.
    before_women: tuple[str, ...] = ()
    before_men: tuple[str, ...] = ()
    #: What a woman's or a man's record may hold as the surname, instead of the family's or beside it.
    of_women: tuple[str, ...] = ()
    of_men: tuple[str, ...] = ()
    #: Names such as parents give twins.
    twins: tuple[tuple[str, str], ...] = ()
    #: Other spellings of a name.
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _twins(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in (pair.split("/") for pair in text.split()))


def _spellings(text: str) -> dict[str, tuple[str, ...]]:
    return {name: _words(others) for name, others in (line.split(":") for line in text.split("; "))}


ENGLISH = Pool(
    "English, few",
    _words("Sarah Emma Lisa Nicola Kelly Amy Gemma Leanne Donna Kerry Jodie Chloe Megan Paige Ellie"),
    _words("David Paul Mark Lee Darren Craig Ryan Liam Kyle Jordan Jack Callum Connor Josh Aaron"),
    _words("Smith Brown Cooper Ward Lee Wright Green Hall Clarke Baker Parker Cook Allen King Young"),
    twins=_twins(
        "Ellie/Elsie Millie/Mollie Harvey/Harley Jodie/Josie Carla/Carly Tyler/Taylor Kian/Kieran Mark/Marcus"
    ),
    spellings=_spellings("Kelly:Kelley Kellie; Kerry:Kerri; Ellie:Elly; Aaron:Arron; Connor:Conor; Callum:Calum"),
)
FEN = Pool(
    "Fenland, few",
    _words("Jean Sheila Tracey Mandy Stacey Kirsty Toni Jade Lacey Demi Tia Skye Ruby Lily Evie Freya Isla Poppy"),
    _words("Terry Kevin Wayne Shane Dean Scott Jamie Luke Reece Tyler Brandon Alfie Archie Riley Mason Tommy Bobby"),
    _words("Setchell Gotobed Papworth Peacock Frost Norman Hurry Leonard Feary Gathercole Kisby Upchurch"),
    twins=_twins("Evie/Eva Riley/Kiley Lily/Libby Jayden/Hayden Lexi/Lexa Shannon/Sharon Kayla/Kyla"),
)
TRAVELLERS = Pool(
    "Travellers, few",
    _words("Mary Margaret Kathleen Bridget Ann Winifred Nora Eileen Theresa Barbara"),
    _words("John Patrick Martin Michael James Thomas William Edward Jim Simon"),
    _words("Connors Ward McDonagh Doran Maughan Stokes Cash Smith Lee"),
    twins=_twins("Martin/Martina Mary/Maria Eileen/Aileen Simon/Simone Francis/Frances"),
    spellings=_spellings("Kathleen:Cathleen; Ann:Anne; Theresa:Teresa; Connors:Connor; Doran:Dorran; Stokes:Stoke"),
)
WELSH = Pool(
    "Welsh, few",
    _words("Sian Megan Rhian Carys Bethan Catrin Nia Ffion Elin Mari Gwen Llinos"),
    _words("Owen James Thomas Lewis Morgan Evan Rhys Howell Griffith Lloyd Glyn Gareth"),
    _words("Owen James Thomas Lewis Morgan Evans Rees Howell Griffith Lloyd Jones Davies"),
    twins=_twins("Elin/Elan Mari/Mali Rhian/Rhiannon Carys/Cerys Bethan/Betsan Gareth/Garth"),
)
PUNJABI = Pool(
    "Punjabi, few",
    _words("Harpreet Manpreet Gurpreet Jaswinder Kamaljit Rajinder Balwinder Sukhwinder Parminder Amandeep Ravinder"),
    _words("Harpreet Manpreet Gurpreet Jaswinder Kamaljit Rajinder Balwinder Sukhwinder Parminder Amandeep Ravinder"),
    _words("Gill Dhillon Sandhu Grewal Sidhu Brar Dhaliwal Mann Bains Atwal"),
    of_women=_words("Kaur"),
    of_men=_words("Singh"),
    twins=_twins("Jaspreet/Jagpreet Mandeep/Sandeep Harjit/Harjot Gurdeep/Hardeep Simran/Simrat"),
    spellings=_spellings(
        "Jaswinder:Jasvinder; Balwinder:Balvinder; Sukhwinder:Sukhvinder; Kamaljit:Kamaljeet; Rajinder:Rajender"
        "; Parminder:Perminder; Dhillon:Dhillion; Sandhu:Sandu; Grewal:Garewal; Harpreet:Harprit; Gurpreet:Gurprit"
    ),
)
PAKISTANI = Pool(
    "Pakistani, few",
    _words("Ayesha Fatima Saima Nazia Shabana Samina Zainab Maryam Sadia Nasreen Rubina Shazia"),
    _words("Ali Usman Hassan Bilal Imran Asif Tariq Hamza Faisal Adnan Omar Hussain"),
    _words("Khan Hussain Ahmed Mahmood Malik Akhtar Iqbal Shah"),
    before_men=_words("Mohammed Mohammed Mohammed Muhammad Syed"),
    of_women=_words("Bibi Begum Akhtar Kausar"),
    twins=_twins("Samina/Sabina Rubina/Robina Hassan/Hussain Adnan/Afnan Maryam/Marwa Hafsa/Hafza"),
    spellings=_spellings(
        "Mohammed:Muhammad Mohammad Mohamed Mohd; Muhammad:Mohammed Mohammad; Hussain:Hussein Husain; Usman:Osman"
        "; Omar:Umar Omer; Ayesha:Aisha Aysha; Zainab:Zaynab Zeinab; Maryam:Mariam Miriam; Nasreen:Nasrin; Ahmed:Ahmad"
        "; Mahmood:Mehmood Mahmud; Akhtar:Akthar; Iqbal:Eqbal; Bibi:Bi; Begum:Begom; Fatima:Fatimah Fatema"
    ),
)
BENGALI = Pool(
    "Bangladeshi, few",
    _words("Fatema Nasima Shahida Rehana Sultana Shirin Nazma Salma Taslima Rahima Hasina Rokeya"),
    _words("Rahim Karim Nazrul Aminul Mizanur Saiful Kamrul Rafiqul Faruk Habibur Shafiqul Abdul"),
    _words("Miah Ali Uddin Islam Rahman Ahmed Hoque Chowdhury"),
    before_men=_words("Md Mohammed Mohammad Abdul"),
    before_women=_words("Mst Mosammat"),
    of_women=_words("Begum Khatun Khanom Akter Bibi"),
    twins=_twins("Nasima/Nazma Rahima/Rahina Aminul/Ameerul Saiful/Saidul Salma/Selma Kamrul/Kamrun Hasina/Hasna"),
    spellings=_spellings(
        "Md:Mohammed Mohammad; Mohammed:Md Mohammad Muhammad; Mohammad:Md Mohammed; Abdul:Abdool; Fatema:Fatima Fatimah"
        "; Rahim:Raheem; Karim:Kareem; Nasima:Naseema; Aminul:Ameenul; Khatun:Khatoon; Akter:Akhtar Aktar; Begum:Begom"
        "; Miah:Mia Miya; Hoque:Haque Hoq; Chowdhury:Choudhury Chaudhury; Uddin:Udin; Rahman:Rehman; Shirin:Shireen"
    ),
)
PATRONYMIC = Pool(
    "Fathers' names, few",
    _words("Hodan Fadumo Amina Sahra Selam Tigist Meron Hiwot Bezawit Khadija Zahra Maryan Asha"),
    _words("Abdi Ahmed Ali Hassan Yusuf Omar Ibrahim Tesfay Dawit Samuel Mehari Farah Mohamed Ismail"),
    twins=_twins("Hodan/Hoodo Amina/Amira Zahra/Zahara Hassan/Hussein Selam/Salem Ismail/Jamal"),
    spellings=_spellings(
        "Abdi:Abdy; Yusuf:Yousuf Yussuf; Ibrahim:Ebrahim; Fadumo:Fatuma Faduma; Maryan:Maryam; Mohamed:Mohammed Maxamed"
        "; Tesfay:Tesfai; Hodan:Hodhan; Hassan:Hasan Xasan; Omar:Omer Cumar; Ahmed:Axmed; Khadija:Khadijo; Selam:Salam"
    ),
)
VIETNAMESE = Pool(
    "Vietnamese and Chinese, few",
    _words("Linh Huong Lan Mai Thuy Ngoc Hoa Yan Mei Ling Xiu Hui"),
    _words("Minh Duc Tuan Hung Dung Quang Wei Ming Jian Hao Lan Ngoc"),
    _words("Nguyen Tran Le Pham Chen Li Wong Lin"),
    before_women=_words("Thi"),
    before_men=_words("Van"),
    twins=_twins("Linh/Ling Minh/Ming Mai/Mei Huong/Hoang Jian/Jiang Quang/Quan"),
    spellings=_spellings("Li:Lee Le; Chen:Chan; Lin:Lam; Wong:Wang; Nguyen:Nguyan; Mei:May; Yan:Yen; Hui:Hoi"),
)
EUROPEAN = Pool(
    "East European, few",
    _words("Maria Ana Elena Ioana Justyna Katarzyna Magdalena Monika Rasa Inga Kristina Daiva"),
    _words("Andrei Mihai Ion Stefan Piotr Pawel Tomasz Marcin Darius Rokas Andrius Jonas"),
    _words("Popa Popescu Ionescu Radu Nowak Kowalski Wisniewski Zielinski Petrauskas Kazlauskas Ivanov Petrov"),
    twins=_twins("Andrei/Andrea Daria/Darius Kristina/Kristiana Marcin/Marcel Elena/Elina Jonas/Jokubas"),
    spellings=_spellings("Ana:Anna; Ioana:Joana; Stefan:Stephan; Pawel:Paul; Piotr:Peter; Tomasz:Tomas; Ion:Ioan"),
)
POOLS = (
    ENGLISH, FEN, TRAVELLERS, WELSH, PUNJABI, PAKISTANI, BENGALI, PATRONYMIC, VIETNAMESE, EUROPEAN
)  # fmt: skip
