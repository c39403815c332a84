-- expect: timeout -- a value that never comes
local foyer = require("foyer")
foyer.i18n.fill("{a}", setmetatable({}, { __index = function() while true do end end }))
