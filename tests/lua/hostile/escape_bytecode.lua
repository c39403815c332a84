-- expect: ok -- bytecode by load: refused, also behind a comment of its own
local f, why = load("\27Lua\x54\0\x19\x93\r\n\x1a\n")
assert(f == nil and why:find("bytecode"))
assert(not pcall(load, "\27Lua", "x", "b"))
assert(string.dump == nil)
