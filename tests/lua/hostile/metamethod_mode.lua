-- expect: error:a metatable must not have '__mode' here -- weak tables, whose chains make collections quadratic
setmetatable({}, { __mode = "k" })
