-- expect: error:resulting string too large -- string.rep of a terabyte
return ("x"):rep(1 << 40)
