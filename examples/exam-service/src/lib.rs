//! Exam service.
