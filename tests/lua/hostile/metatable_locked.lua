-- expect: error:cannot change a protected metatable -- takes the lock off a frozen table
setmetatable(string, nil)
