-- expect: memory -- a text that grows in each word
local foyer = require("foyer")
local s = ("x"):rep(500000) foyer.i18n.fill(("{a}"):rep(1000), { a = s })
