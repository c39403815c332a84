-- expect: error:a metatable must not have '__gc' here -- a finalizer, which would run at any time
setmetatable({}, { __gc = function()
  while true do
  end
end })
