"""A Jobcentre's list of claimants and their work coaches: a file in, claimants and unreadable rows out.

    data = bytes_of(path)                                            # read.py      WorkCoachListRefused
    proposal = propose(data, as_at=today, password=password)         # propose.py   what each column seems to mean
    profile = confirmed(proposal, office, choices)                   # propose.py   ColumnProfileInvalid
    text = written_profile(profile); read_profile(text)              # profiles.py  one office, one short text
    the_list = read_list(data, profile, as_at=today, password=...)   # read.py      a WorkCoachList

A file comes from outside and is taken for hostile: kinds.py tells what it is by its bytes; text is cut here; a
workbook is opened in a child process with bounds on memory and time (workbook_process.py), and refused before
anything of it is unpacked where it is too large, holds programs, or refers to other files (package.py, compound.py).
Errors name rows, columns and codes, and never a value (law L8).

    table.py        what any file becomes: a header and rows
    headings.py     find the header, say how it differs        synonyms.py  what headings can mean
    text.py         CSV: encoding.py, split.py
    claimants.py    rows to claimants: dates.py, identifiers.py, names.py
"""
