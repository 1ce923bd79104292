//! Tests of timetable.
