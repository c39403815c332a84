-- expect: error:resulting string too large -- string.rep whose size overflows
return ("x"):rep(math.maxinteger, ("y"):rep(100))
