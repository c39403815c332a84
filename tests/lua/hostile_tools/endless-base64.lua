-- expect: timeout -- texts of bytes without end
local foyer = require("foyer")
while true do foyer.crypto.base64(("x"):rep(100000)) end
