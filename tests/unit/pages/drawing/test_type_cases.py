"""The folders of fonts are looked through once."""

import typst

from mlm.pages.drawing.type_cases import fonts_in
from mlm.pages.template_folder import template_folder

PAGE = {"main.typ": b'#set document(date: none)\n#set text(font: "Source Sans Pro")\nOne'}
FOLDER = str(template_folder() / "fonts")


def test_fonts_of_the_same_folders_are_found_once(tmp_path):
    assert fonts_in(str(tmp_path)) is fonts_in(str(tmp_path))
    assert fonts_in(str(tmp_path)) is not fonts_in()


def test_pages_are_set_in_them_as_in_those_that_each_page_looks_for():
    each = typst.compile(PAGE, font_paths=[FOLDER], ignore_system_fonts=True)
    assert typst.compile(PAGE, font_paths=fonts_in(FOLDER)) == each
    assert typst.compile(PAGE, font_paths=fonts_in()) != each
