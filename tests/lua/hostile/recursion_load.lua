-- expect: error:C stack overflow -- load inside load
local function again()
  local ok, f = pcall(load, "return ...")
  if ok then
    return pcall(function() return tostring(setmetatable({}, { __tostring = again })) end)
  end
end
local mt = {}
mt.__tostring = function() return tostring(setmetatable({}, mt)) end
tostring(setmetatable({}, mt))
again()
