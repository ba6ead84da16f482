"""What counts of the linked survey have to do with each other, one kind of them a module."""
