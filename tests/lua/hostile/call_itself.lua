-- expect: error:'__call' of a metatable must be a function -- __call that is the table itself: one instruction shifts the whole stack for each slot
local t = {}
setmetatable(t, { __call = t })
t()
