-- expect: timeout -- schemas over and over
local foyer = require("foyer")
local v = {} for i = 1, 500 do v["a" .. i] = i end
while true do foyer.schema.validate(v, { properties = { a = {} } }) end
