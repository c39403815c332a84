-- expect: error:cannot assign to -- another pcall for everybody
pcall = function()
  return true
end
