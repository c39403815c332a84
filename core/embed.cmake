# Writes the C file with everything that is built into the program: schema, default scripts,
# bundled plugins. Called by the build: cmake -DROOT= -DLIST= -DOUT= -P embed.cmake
# Plain C arrays, so that every compiler, sanitizer and LTO take them.
file(STRINGS ${LIST} paths)
file(WRITE ${OUT}.new "/* Made by core/embed.cmake: do not edit. */\n#include \"base/embedded.h\"\n\n")
set(table "")
set(number 0)
foreach(path ${paths})
  file(READ ${ROOT}/${path} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR length "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  # Every file ends with a NUL that is not counted, so that `at` may be handed to C.
  file(APPEND ${OUT}.new "static const unsigned char file_${number}[] = { ${bytes}0 };\n")
  string(APPEND table "    { \"${path}\", (const char *)file_${number}, ${length} },\n")
  math(EXPR number "${number} + 1")
endforeach()
file(APPEND ${OUT}.new
  "\nconst struct embedded_file embedded_files[] = {\n${table}    { NULL, NULL, 0 },\n};\n")
file(RENAME ${OUT}.new ${OUT})
