-- expect: ok -- another road to the string library: what it gives cannot be written
local upper = ("").upper
assert(upper("x") == "X")
assert(not pcall(function() string.upper = nil end))
assert(not pcall(rawset, string, "upper", nil))
assert(("x"):upper() == "X")
