-- expect: timeout -- two pcalls on each level: 2^190 calls
local function double()
  pcall(double)
  pcall(double)
end
double()
