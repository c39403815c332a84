-- expect: error:invalid value (nil) at index 1 -- table.concat over 2^63 places
return table.concat({}, "", 1, math.maxinteger)
