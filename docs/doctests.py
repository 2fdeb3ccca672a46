"""For `make docs`: examples in docstrings are code, though no heading says so."""

import griffe


class Doctests(griffe.Extension):
    """Indents what follows `>>>` to the end of its paragraph, which makes it code in Markdown."""

    def on_instance(self, *, obj: griffe.Object, **_: object) -> None:
        if obj.docstring is not None:
            paragraphs = obj.docstring.value.split("\n\n")
            obj.docstring.value = "\n\n".join(map(indented, paragraphs))


def indented(paragraph: str) -> str:
    """The paragraph four columns to the right where it is an example."""
    if not paragraph.startswith(">>>"):
        return paragraph
    return "\n".join("    " + line for line in paragraph.splitlines())
