"""What a forename sounds like, however it was written down from another alphabet: Raheem is Rahim, Yousuf is Yusuf.

Names that came into English letters by ear have no one spelling. What is folded here is how one sound is written: long
and short vowels, a doubled letter, an h that is not heard, c and k, v and w. Vowels are kept apart, and so is the last
letter: Hasan and Hasna, Jan and Jana, Karim and Karima are names of two.

Pure: it says that two spellings may be one name; how much that weighs is the model's.
"""

import re

#: Marks a sound among the groups of the table of nicknames, whose names hold no such sign.
_MARK = "~"
_SHORTEST = 4
_WRITTEN = (
    (re.compile("ee|ie(?=.)|ii|yi"), "i"),
    (re.compile("oo|ou|uu"), "u"),
    (re.compile("aa"), "a"),
    (re.compile("ay|ei|ey(?=.)"), "ai"),
    (re.compile("ph"), "f"),
    (re.compile("ck|q|c(?=[aoukrlt])"), "k"),
    (re.compile("w"), "v"),
    (re.compile("(?<=[aeiou])h$|(?<=[kgdbtr])h(?=[aeiouvrl])|(?<=[ao])h(?=[mn])"), ""),
    (re.compile("(?<=.)y(?=[^aeiou]|$)"), "i"),
    (re.compile(r"(.)\1"), r"\1"),
)


def sounds_of(name: str) -> tuple[str, ...]:
    """Return the sound of a forename in plain letters as one group; none for a name that is too short to tell."""
    for written, sound in _WRITTEN:
        name = written.sub(sound, name)
    return (_MARK + name,) if len(name) >= _SHORTEST else ()
