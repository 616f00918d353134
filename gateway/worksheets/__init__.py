"""Worksheets: rows that a person opens in a spreadsheet, as XLSX or as CSV.

    sheet = Sheet("Your list", (Column("Surname", Kind.TEXT), Column("Born", Kind.DAY)), rows)   # sheet.py
    written_xlsx([sheet, another])                                                               # xlsx_file.py
    written_csv(sheet)                                                                           # csv_file.py

For human eyes only: text that a spreadsheet might run is made harmless (harmless.py), which changes it. A file that a
partner's machine reads is written elsewhere, byte for byte as agreed (minimisation/).
"""
