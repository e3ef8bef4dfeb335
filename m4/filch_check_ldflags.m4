# FILCH_CHECK_LDFLAGS(VARIABLE, FLAGS)
# Sets VARIABLE to those of FLAGS that the linker accepts.
AC_DEFUN([FILCH_CHECK_LDFLAGS], [
  filch_saved_LDFLAGS=$LDFLAGS
  $1=
  for filch_flag in m4_normalize([$2]); do
    AC_MSG_CHECKING([whether the linker accepts $filch_flag])
    LDFLAGS="$filch_saved_LDFLAGS $filch_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); $1="$$1 $filch_flag"],
      [AC_MSG_RESULT([no])])
  done
  LDFLAGS=$filch_saved_LDFLAGS
  AC_SUBST([$1])
])
