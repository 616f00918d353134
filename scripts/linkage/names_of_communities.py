"""Names of the communities of an English county, most common first, and how their surnames are built.

Pure: invented people are put together from these by `people_made.py`. None of it is real frequencies: the first names
of a list are drawn most often, and a tail of surnames is built from parts, as real ones were.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Community:
    """Whose names they are, and how large their share of the county is."""

    name: str
    share: float
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    stems: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    #: A man's ending, and what a woman's record has instead.
    bends: tuple[tuple[str, str], ...] = ()
    #: Two surnames without a hyphen, of which each register may keep one.
    double: float = 0.0
    #: A name before the one that the person is called by.
    before_men: tuple[str, ...] = ()
    after_women: tuple[str, ...] = ()
    after_men: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BRITISH = Community(
    "British",
    0.62,
    _words(
        "Sarah Emma Laura Gemma Rebecca Claire Victoria Samantha Rachel Amy Jennifer Nicola Katie Lisa Kelly "
        "Natalie Louise Michelle Hayley Hannah Helen Charlotte Joanne Lucy Elizabeth Leanne Danielle Donna "
        "Katherine Clare Stephanie Stacey Lauren Jane Kerry Emily Catherine Sophie Anna Jessica Zoe Kirsty "
        "Kimberley Kate Jenna Caroline Natasha Rachael Amanda Kathryn Karen Alexandra Jodie Alison Sara Jemma "
        "Carly Heather Holly Ruth Fiona Melissa Angela Suzanne Katy Cheryl Marie Naomi Cara Melanie Julie "
        "Tracey Paula Sharon Susan Dawn Chloe Megan Bethany Georgia Shannon Jade Abigail Olivia Paige Ellie "
        "Molly Amelia Grace Eleanor Alice Daisy Imogen Isabel Freya Phoebe Martha Maisie Tia Courtney "
        "Kayleigh Margaret Patricia Christine Linda Carol Deborah Jacqueline Maureen Pauline Lesley Wendy "
        "Tina Lorraine Beverley Denise"
    ),
    _words(
        "Christopher James David Daniel Michael Matthew Andrew Richard Paul Mark Thomas Adam Robert John Lee "
        "Benjamin Steven Jonathan Craig Stephen Simon Nicholas Peter Anthony Alexander Gary Ian Ryan Darren "
        "Barry Joseph Jason Stuart Gareth Karl Philip Kevin Neil Martin Luke Shaun Kieran Joshua Jack Samuel "
        "Liam Nathan Jordan Callum Connor Bradley Kyle Ashley Dean Scott Ross William Edward George Carl "
        "Wayne Alan Graham Jamie Marc Sean Aaron Lewis Oliver Harry Charlie Alfie Archie Jake Max Dominic "
        "Patrick Leon Toby Elliot Reece Brandon Curtis Tyler Damian Russell Keith Nigel Trevor Colin Raymond "
        "Terence Dennis Roger Kenneth Derek Roy Clive Malcolm Frederick Albert Ronald Stanley Douglas "
        "Geoffrey"
    ),
    _words(
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker "
        "White Roberts Green Hall Wood Jackson Clarke Harris Clark Hughes Turner Lewis Edwards Thomas Cooper "
        "King Ward Martin Hill Moore Morris Baker Allen Scott Morgan Watson Harrison Lee Parker Cook James "
        "Phillips Davis Bennett Carter Young Price Bailey Shaw Mitchell Kelly Simpson Marshall Collins Cox "
        "Richardson Bell Murphy Miller Richards Ellis Adams Webb Wilkinson Foster Chapman Graham Mason Murray "
        "Powell Hunt Palmer Holmes Mills Rogers Knight Barnes Stevens Butler Russell Matthews Harvey Lloyd "
        "Fisher Pearson Reid Dixon Fox Gibson Andrews Howard Elliott Gray Reynolds Fletcher Payne Ford "
        "Lawrence Stewart West Cole Day Brooks Burton Dean Bird Lane Rose Bishop Fuller Newman Peacock "
        "Setchell Papworth Gotobed McDonald MacDonald McCarthy O'Neill O'Brien O'Connor McKenzie Mackenzie "
        "Fitzgerald D'Arcy St-John McLean"
    ),
    _words(
        "Ash Brad Cart Den El Farn Gold Hart Hol Kings Lang Mar Nor Old Pem Radc Sand Thorn Under Wal Wes "
        "Whit Wood Stan Hay Crom"
    ),
    _words("ley ton field worth well ford bridge wood ham stead croft by man er son combe hurst well-Jones wick more"),
)
TRAVELLER = Community(
    "Irish and Traveller",
    0.06,
    _words(
        "Mary Margaret Kathleen Bridget Winifred Ann Nora Philomena Helen Theresa Eileen Rose Nan Barbara "
        "Julia Kate Chantelle Shannon"
    ),
    _words(
        "John Patrick Martin Michael James Thomas William Miley Edward Jim Bernard Simon Francis Denis Hughie "
        "Jimmy Charles Felix"
    ),
    _words(
        "Connors McDonagh Ward Doran O'Donoghue Sheridan Quilligan O'Driscoll Casey Cash Maughan Joyce Price "
        "Smith Lee Loveridge Stanley"
    ),
    after_women=_words("Mary Bridget Ann Kathleen"),
    after_men=_words("John Joseph Patrick Michael"),
)
POLISH = Community(
    "Polish",
    0.07,
    _words(
        "Anna Katarzyna Agnieszka Małgorzata Magdalena Joanna Monika Ewa Aleksandra Justyna Karolina Natalia "
        "Sylwia Paulina Dorota Beata Iwona Elżbieta Kinga Zuzanna Wiktoria Ola Grażyna Zofia Jana"
    ),
    _words(
        "Piotr Krzysztof Paweł Tomasz Michał Marcin Łukasz Grzegorz Andrzej Jakub Mateusz Rafał Kamil Dawid "
        "Przemysław Bartłomiej Jan Wojciech Sławomir Dariusz Mariusz Zbigniew Szymon Kacper Stanisław"
    ),
    _words(
        "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak "
        "Dąbrowski Kozłowski Jankowski Mazur Krawczyk Piotrowski Grabowski Pawłowski Michalski Król Wieczorek "
        "Jabłoński Wróbel Stępień Żak"
    ),
    _words("Mal Gór Bor Sad Woj Kacz Ost Rud Las Brzoz Jaś Kras Pol Wil Zaw Dąb Gruszcz Łap"),
    _words("owski iński ecki czak czyk icki ewski asiewicz"),
    (("ski", "ska"), ("cki", "cka")),
)
LITHUANIAN = Community(
    "Lithuanian",
    0.05,
    _words(
        "Rasa Jurgita Kristina Inga Rūta Eglė Aušra Vaida Ieva Jolanta Daiva Lina Živilė Agnė Simona "
        "Viktorija Ramunė Vilma"
    ),
    _words(
        "Tomas Mindaugas Mantas Darius Andrius Gintaras Vytautas Saulius Marius Jonas Lukas Karolis Kęstutis "
        "Rimantas Edvinas Rokas"
    ),
    _words(
        "Kazlauskas Petrauskas Jankauskas Stankevičius Paulauskas Butkus Žukauskas Balčiūnas Vasiliauskas "
        "Urbonas Navickas Šimkus"
    ),
    _words("Bal Sid Mik Kav Gr Rad Jur Dag Nor Vit"),
    _words("auskas evičius aitis ėnas ūnas onis"),
    (("auskas", "auskienė"), ("ius", "ienė"), ("as", "ienė"), ("us", "ienė"), ("is", "ienė")),
)
PORTUGUESE = Community(
    "Portuguese",
    0.04,
    _words(
        "Maria Ana Sofia Catarina Inês Patrícia Teresa Margarida Rita Fátima Cristina Andreia Joana Mariana "
        "Lúcia Fernanda"
    ),
    _words(
        "João José António Pedro Miguel Carlos Paulo Luís Manuel Tiago Rui Nuno Ricardo Gonçalo Francisco "
        "Vítor Jorge Hélder"
    ),
    _words(
        "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Gonçalves Gomes Lopes "
        "Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira "
        "Monteiro Cardoso Rocha"
    ),
    double=0.55,
)
ROMANIAN = Community(
    "Romanian and Bulgarian",
    0.05,
    _words(
        "Maria Elena Ana Ioana Mihaela Andreea Cristina Alina Daniela Alexandra Gabriela Simona Anca Raluca "
        "Florentina Desislava Lenuța"
    ),
    _words(
        "Andrei Alexandru Mihai Ștefan Cristian Florin Gheorghe Ionuț Marian Constantin Vasile Daniel Cătălin "
        "Răzvan Bogdan Georgi"
    ),
    _words(
        "Popa Popescu Ionescu Pop Radu Dumitru Stan Stoica Gheorghe Matei Ciobanu Rusu Constantin Marin "
        "Munteanu Țurcanu Ivanov Petrov Dimitrov Georgiev Nicolae Lăcătuș"
    ),
    _words("Ion Vas Mol Cost Bar Dan Mun Pet Sav Tud Zam"),
    _words("escu eanu aru iu ea ache"),
    (("ov", "ova"), ("ev", "eva")),
)
INDIAN = Community(
    "Indian",
    0.04,
    _words(
        "Harpreet Manpreet Gurpreet Priya Anjali Pooja Deepika Sunita Kamaljit Jaswinder Meena Nisha Rajinder "
        "Kiran Lakshmi Aparna"
    ),
    _words(
        "Harpreet Gurpreet Rajesh Sanjay Amit Vijay Jaswinder Balwinder Deepak Anil Sunil Ravinder Manjit "
        "Sukhdeep Rakesh Arjun Nikhil"
    ),
    _words(
        "Singh Patel Kaur Sharma Gill Kumar Dhillon Sandhu Shah Grewal Thomas Joseph Mathew Sidhu Desai Mehta "
        "Nair Menon Reddy Rao"
    ),
    after_women=_words("Kaur Kaur Kaur Devi Ben"),
    after_men=_words("Singh Singh Singh Kumar Bhai"),
)
PAKISTANI = Community(
    "Pakistani",
    0.04,
    _words(
        "Ayesha Fatima Saima Nazia Shabana Rukhsana Samina Zainab Maryam Sadia Nasreen Hina Iqra Amina Aisha "
        "Hafsa Hajra"
    ),
    _words(
        "Ali Usman Hassan Hussain Bilal Imran Asif Tariq Kashif Zubair Hamza Waqas Faisal Adnan Shahid Omar "
        "Ibrahim Zain Hasan"
    ),
    _words(
        "Khan Hussain Ahmed Ali Mahmood Malik Akhtar Iqbal Shah Mirza Begum Bibi Hussein Butt Chaudhry "
        "Qureshi Aslam Raja Javed"
    ),
    before_men=_words("Mohammed Mohammed Muhammad Mohammad Mohd Syed Abdul"),
    after_women=_words("Bibi Begum Bi Khatoon"),
)
BANGLADESHI = Community(
    "Bangladeshi",
    0.03,
    _words("Fatema Nasima Shahida Rehana Sultana Rina Shirin Jahanara Nazma Salma Taslima Rahima Farzana Sumaiya"),
    _words("Rahim Karim Shamsul Nazrul Jubair Abdul Aminul Mizanur Saiful Kamrul Rafiqul Shahin Faruk Habibur Monir"),
    _words(
        "Begum Khatun Miah Rahman Uddin Islam Ali Ahmed Hossain Chowdhury Khanom Haque Alam Sarkar Choudhury Hussain"
    ),
    before_men=_words("Md Mohammed Mohammad Abdul Mohammod"),
    after_women=_words("Begum Khatun Akter"),
)
COMMUNITIES = (
    BRITISH, TRAVELLER, POLISH, LITHUANIAN, PORTUGUESE, ROMANIAN, INDIAN, PAKISTANI, BANGLADESHI
)  # fmt: skip
