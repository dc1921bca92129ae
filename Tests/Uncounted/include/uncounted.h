// Nothing is called: the program does it before it begins.
