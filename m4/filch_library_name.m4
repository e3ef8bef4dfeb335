# FILCH_LIBRARY_NAME(MACRO, LIBS, WORD, DEFAULT)
# Defines MACRO as the name by which a program that is linked with LIBS loads the shared
# library that has WORD in its name; DEFAULT where the linker or readelf does not tell.
AC_DEFUN([FILCH_LIBRARY_NAME], [
  AC_MSG_CHECKING([what $3 is called when it is loaded])
  filch_saved_LIBS=$LIBS
  filch_saved_LDFLAGS=$LDFLAGS
  LIBS="$2 $LIBS"
  LDFLAGS="$LDFLAGS -Wl,--no-as-needed"
  filch_name=
  AC_LINK_IFELSE([AC_LANG_PROGRAM()],
    [filch_name=`LC_ALL=C readelf -d conftest$ac_exeext 2> /dev/null |
      sed -n '/NEEDED/s/.*@<:@@<:@@:>@\(@<:@^@:>@@:>@*$3@<:@^@:>@@:>@*\)@:>@.*/\1/p'`])
  LIBS=$filch_saved_LIBS
  LDFLAGS=$filch_saved_LDFLAGS
  AS_IF([test -z "$filch_name"], [filch_name=$4])
  AC_MSG_RESULT([$filch_name])
  AC_DEFINE_UNQUOTED([$1], ["$filch_name"], [The shared library of $3.])
])
