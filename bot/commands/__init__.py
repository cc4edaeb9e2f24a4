"""What people can ask for, the same on every platform and on the command line.

A handler takes ports and plain values and gives a value; what cannot be done is a ``CommandError`` whose text is
the answer.
"""
