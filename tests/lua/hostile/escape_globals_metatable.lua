-- expect: error:cannot change a protected metatable -- the same by another metatable
setmetatable(_G, {})
