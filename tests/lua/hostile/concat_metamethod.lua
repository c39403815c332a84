-- expect: error:invalid value (nil) at index 1 -- table.concat of a table whose __index never ends
return table.concat(setmetatable({}, { __index = function() return "x" end }), "", 1, 1 << 40)
