-- expect: ok -- looks for addresses in texts
for _, v in ipairs({ {}, function() end, coroutine.create(function() end), string.rep }) do
  assert(not tostring(v):find("0x"))
  assert(not ("%s"):format(v):find("0x"))
end
