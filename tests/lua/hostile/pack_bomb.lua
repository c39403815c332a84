-- expect: memory -- string.pack of a field of a terabyte
return string.pack("c1099511627776", "x")
