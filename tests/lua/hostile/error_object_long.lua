-- expect: error:xxxxxxxx -- an error message of a megabyte
error(("x"):rep(1000000))
