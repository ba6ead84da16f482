"""The command line: one small module for each stage, which reads files and writes files.

A command reads its files, calls the functions of the rooms and writes its outputs whole. It knows
no statistics and no layout of folders: every path is an argument. Modules import the rooms inside
their functions, so that ``mlm --help`` stays quick. Layer: above all rooms.
"""
