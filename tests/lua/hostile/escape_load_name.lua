-- expect: ok -- a chunk that passes for another file
local f = load("error('x')", "@scripts/permissions.lua")
local ok, why = pcall(f)
assert(not ok and not why:find("^scripts/permissions.lua"))
