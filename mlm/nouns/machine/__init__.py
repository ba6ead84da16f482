"""What long work uses of the machine: its memory, its processors, and who is told how far it is."""
