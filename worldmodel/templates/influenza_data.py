"""The data of the template `influenza`: boys in bed by day, as digitised from the figure of the published note.

The British Medical Journal printed a chart and no numbers. These are the counts that the R packages `outbreaks`
(influenza_england_1978_school) and `pomp` (bsflu, column B) carry, and that the published fits use; another reading of
the same chart, in Murray's book and after it, differs by up to 7 boys a day. Facts of record, no one's work of art.
"""

from datetime import date, timedelta

FIRST_DAY = date(1978, 1, 22)
IN_BED = (3, 8, 26, 76, 225, 298, 258, 233, 189, 128, 68, 29, 14, 4)
IN_BED_BY_MURRAY = (3, 8, 28, 75, 221, 291, 255, 235, 190, 125, 70, 28, 12, 5)


def data_csv() -> bytes:
    """The data file: 22 January to 4 February 1978, one row a day; no isolation on any of them."""
    days = [(FIRST_DAY + timedelta(days=place)).isoformat() for place in range(len(IN_BED))]
    lines = ["date,in_bed,isolation", *(f"{day},{count},0" for day, count in zip(days, IN_BED, strict=True))]
    return ("\n".join(lines) + "\n").encode("ascii")
