"""What statistics conclude and pages show: one frozen record a concept, the only definition of it.

Records are validated when they are made, so that an unknown key or kind does not construct; the
JSON Schemas in ``docs/`` are made from them. No record holds a sentence: words are the pages' own.
"""
