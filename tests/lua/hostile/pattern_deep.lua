-- expect: error:pattern too complex -- a pattern that nests the matcher deeper than its stack
return ("x"):rep(10000):match(("x?"):rep(10000))
