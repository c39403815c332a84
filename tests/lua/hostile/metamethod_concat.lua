-- expect: error:a metatable must not have '__concat' here -- __concat that grows the stack, which Lua 5.4.4 goes on using where it was
local t = setmetatable({}, { __concat = function(a, b)
  local function grow(n) return n == 0 and "" or grow(n - 1) .. "" end
  return grow(1000)
end })
local _ = "a" .. t .. "b"
