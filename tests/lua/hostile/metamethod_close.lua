-- expect: error:a metatable must not have '__close' here -- a variable that is closed by script code when an error passes
setmetatable({}, { __close = function()
  while true do
  end
end })
