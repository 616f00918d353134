"""Slips of the hand when a register is written: a wrong key, a short form, a lost accent.

Pure: the dice are passed in. The short forms are the generator's own, and not all of them stand in the gateway's
table of nicknames: a county will always know forms that the table does not.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date
from random import Random

from scripts.linkage.names_of_communities import Community

_KEYS = {
    "q": "wa",
    "w": "qe",
    "e": "wr",
    "r": "et",
    "t": "ry",
    "y": "tu",
    "u": "yi",
    "i": "uo",
    "o": "ip",
    "p": "ol",
    "a": "sq",
    "s": "ad",
    "d": "sf",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "j": "hk",
    "k": "jl",
    "l": "ko",
    "z": "xa",
    "x": "zc",
    "c": "xv",
    "v": "cb",
    "b": "vn",
    "n": "bm",
    "m": "nk",
}
_SHORT = {
    "Katherine": "Katie Kate Kat",
    "Elizabeth": "Liz Beth Libby",
    "Christopher": "Chris Topher",
    "Matthew": "Matt",
    "Rebecca": "Becky Bex",
    "Samantha": "Sam",
    "Jennifer": "Jen Jenny",
    "Alexandra": "Alex Lexi",
    "Alexander": "Alex Xander",
    "Thomas": "Tom Tommy",
    "William": "Bill Will",
    "Michael": "Mick Mike",
    "Victoria": "Vicky Tori",
    "Nicola": "Nikki",
    "Robert": "Bob Rob",
    "Richard": "Rick Rich",
    "Margaret": "Maggie Peggy",
    "Patrick": "Paddy",
    "Katarzyna": "Kasia",
    "Małgorzata": "Gosia",
    "Agnieszka": "Aga",
    "Joanna": "Asia",
    "Aleksandra": "Ola",
    "Krzysztof": "Krzysiek Chris",
    "Jakub": "Kuba",
    "Tomasz": "Tomek",
    "Stanisław": "Staszek",
    "Charlotte": "Lottie Charlie",
    "Jessica": "Jess",
    "Daniel": "Dan Danny",
    "Joseph": "Joe",
    "Benjamin": "Ben",
    "Samuel": "Sam",
    "Joshua": "Josh",
    "Stephen": "Steve",
    "Steven": "Steve Ste",
    "Andrew": "Andy Drew",
    "David": "Dave Davey",
    "James": "Jim Jamie",
    "Jonathan": "Jon",
    "Edward": "Ted Eddie",
    "Deborah": "Debs Debbie",
    "Jacqueline": "Jackie Jaqs",
    "Kimberley": "Kim",
    "Danielle": "Dani",
    "Francisco": "Chico",
    "José": "Zé",
    "Manuel": "Manel",
    "Gheorghe": "Ghiță",
    "Constantin": "Costel",
    "Elena": "Lenuța",
    "Alexandru": "Sandu Alex",
    "Kamaljit": "Kam",
    "Rajesh": "Raj",
    "Sukhdeep": "Sukhi",
    "Manpreet": "Manny",
    "Kęstutis": "Kęstas",
    "Vytautas": "Vytas",
    "Bridget": "Biddy",
    "Winifred": "Winnie",
    "Kathleen": "Kath",
    "Archie": "Arch",
    "Amelia": "Millie",
    "Mohammed": "Mo Mohammad Muhammad",
    "Muhammad": "Mohammed Muhammed",
    "Mohammad": "Mohamed Mo",
    "Fatima": "Fatimah",
    "Usman": "Osman",
    "Hussain": "Hussein",
    "Rahim": "Roheem",
    "Shannon": "Shan",
    "Gemma": "Gem Jem",
    "Stacey": "Stacy",
    "Zuzanna": "Zuza",
    "Wiktoria": "Wika",
    "Bartłomiej": "Bartek",
    "Przemysław": "Przemek",
    "Grzegorz": "Grzesiek",
}


class Slips:
    """Makes slips, by dice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def typed(self, text: str) -> str:
        """Return the text with one wrong, missing, doubled or swapped key."""
        dice = self._dice
        if len(text) < 2:
            return text
        place = dice.randrange(len(text))
        kind = dice.choices(["wrong", "missing", "doubled", "swapped"], [0.45, 0.25, 0.12, 0.18])[0]
        if kind == "missing":
            return text[:place] + text[place + 1 :]
        if kind == "doubled":
            return text[: place + 1] + text[place:]
        if kind == "swapped":
            place = min(place, len(text) - 2)
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        return text[:place] + self._near(text[place]) + text[place + 1 :]

    def _near(self, character: str) -> str:
        if character.isdigit():
            return self._dice.choice([digit for digit in "0123456789" if digit != character])
        near = self._dice.choice(_KEYS.get(character.lower(), "aeiou"))
        return near.upper() if character.isupper() else near

    def day(self, born: date) -> date:
        """Return a day with one wrong digit, or the day itself where that would be none."""
        text = list(born.strftime("%d%m%Y"))
        place = self._dice.choices(range(8), [3, 4, 1, 4, 0, 0, 2, 4])[0]
        text[place] = self._dice.choice("0123456789")
        digits = "".join(text)
        try:
            return date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
        except ValueError:
            return born

    def short_form(self, forename: str) -> str:
        """Return a short form or another spelling of a forename, where there is one."""
        first, _, rest = forename.partition(" ")
        return f"{self._dice.choice(_SHORT.get(first, first).split())} {rest}".strip()

    def without_marks(self, name: str) -> str:
        """Return a name as a system writes it that knows English letters only."""
        apart = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
        return "".join(character for character in apart if not unicodedata.combining(character))

    def bent(self, surname: str, communities: Sequence[Community]) -> str:
        """Return a surname with the ending that it has for the other sex, where it has one."""
        for community in communities:
            for man, woman in community.bends:
                if surname.endswith(man):
                    return surname.removesuffix(man) + woman
                if surname.endswith(woman):
                    return surname.removesuffix(woman) + man
        return surname
