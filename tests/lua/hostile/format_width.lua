-- expect: error:invalid conversion -- a width of a million
return ("%1000000d"):format(1)
