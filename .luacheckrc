-- Scripts and plugins run in the sandbox: Lua 5.4 without what it takes away (scripts/README.md).
std = "lua54"
max_line_length = 120
self = false
not_globals = {
  "io", "os", "debug", "package", "dofile", "loadfile", "load", "collectgarbage", "xpcall",
}
-- Scripts that are hostile on purpose break every rule.
exclude_files = { "tests/lua/hostile/**" }
-- No script: what nginx runs in the benchmark, with LuaJIT and its own globals.
files["tests/bench/nginx/"] = { std = "ngx_lua", not_globals = {} }
