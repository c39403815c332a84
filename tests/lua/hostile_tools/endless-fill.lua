-- expect: timeout -- words over and over
local foyer = require("foyer")
while true do foyer.i18n.fill(("{a}"):rep(1000), { a = 1 }) end
