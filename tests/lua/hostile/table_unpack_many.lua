-- expect: error:too many results to unpack -- table.unpack of a million
return table.unpack({}, 1, 1e6)
