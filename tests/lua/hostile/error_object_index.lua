-- expect: error:error object is a table value -- an error object whose __index never ends
error(setmetatable({}, { __index = function()
  while true do
  end
end }))
