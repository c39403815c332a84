-- expect: timeout -- hashes over and over
local foyer = require("foyer")
while true do foyer.crypto.sha256(("x"):rep(1000)) end
