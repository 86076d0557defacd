"""A page as one HTML file that needs nothing else: no script, no font, no picture, no request."""

from html import escape

from core.report.note import Page, Section

# Colours of the tiers from weakest to best, dark enough for white letters; the word stands beside them.
TIERS = {1: "#b3261e", 2: "#a3540c", 3: "#5f6368", 4: "#1b6e53", 5: "#0b5d8a"}
STYLE = """
@page { size: A4; margin: 14mm }
* { box-sizing: border-box }
body { font: 15px/1.55 "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", NanumGothic, sans-serif;
  color: #1c1e21; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1.2rem; word-break: keep-all }
header { border-bottom: 2px solid #1c1e21; padding-bottom: .7rem; margin-bottom: 1rem }
h1 { font-size: 1.5rem; margin: .1rem 0 .2rem; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin: 1.1rem 0 .3rem }
ul { margin: 0; padding-left: 1.1rem } li { margin: .15rem 0 }
.kind, .sub, footer { color: #5f6368; font-size: .85rem }
.badge { display: inline-block; margin: .4rem .4rem 0 0; padding: .1rem .6rem; border-radius: .4rem; color: #fff;
  font-size: .85rem; font-weight: 600 }
footer { border-top: 1px solid #c9ccd1; margin-top: 1.3rem; padding-top: .6rem } footer p { margin: .15rem 0 }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt } }
"""
# The browser itself refuses whatever might be asked for.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(page: Page) -> str:
    """The whole file."""
    return (
        f'<!doctype html>\n<html lang="{escape(page.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.kind)}: {escape(page.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<header>\n<div class="kind">{escape(page.kind)}</div>\n<h1>{escape(page.title)}</h1>\n'
        f'<div class="sub">{escape(page.subtitle)}</div>\n{_badges(page)}</header>\n'
        f"<main>\n{''.join(map(_section, page.sections))}</main>\n"
        f"<footer>\n{''.join(f'<p>{escape(line)}</p>' for line in page.notes)}\n</footer>\n</body>\n</html>\n"
    )


def _badges(page: Page) -> str:
    colours = [TIERS.get(page.tier or 0, TIERS[3]), *[TIERS[3]] * len(page.badges)]
    if page.tier is None:
        colours = colours[1:]
    return "".join(
        f'<span class="badge" style="background:{colour}">{escape(badge)}</span>\n'
        for badge, colour in zip(page.badges, colours, strict=False)
    )


def _section(section: Section) -> str:
    points = "".join(f"<li>{escape(line)}</li>\n" for line in section.lines)
    return f"<section>\n<h2>{escape(section.title)}</h2>\n<ul>\n{points}</ul>\n</section>\n"
