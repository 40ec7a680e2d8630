;;; definitions
(function_item name: (_) @name body: (block) @body) @definition.function
(function_signature_item name: (_) @name) @definition.function
(struct_item name: (type_identifier) @name body: (_)? @body) @definition.class
(enum_item name: (type_identifier) @name body: (_) @body) @definition.class
(union_item name: (type_identifier) @name body: (_) @body) @definition.class
(trait_item name: (type_identifier) @name body: (_) @body) @definition.class
(macro_definition name: (identifier) @name) @definition.function
(let_declaration pattern: (identifier) @name value: (closure_expression body: (_) @body)) @definition.function
(impl_item type: (_) @name) @scope.class
(mod_item name: (identifier) @name body: (_)) @scope

;;; imports
(use_declaration argument: (_) @import.source) @import
(extern_crate_declaration name: (identifier) @import.source @import.name) @import
(use_declaration argument: (scoped_identifier name: (identifier) @import.name))
(use_declaration argument: (identifier) @import.name)
(use_list (identifier) @import.name)
(use_list (scoped_identifier name: (identifier) @import.name))
(use_as_clause alias: (identifier) @import.name)
(mod_item name: (identifier) @import.source @import.name !body) @import

;;; references
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (scoped_identifier name: (identifier) @call))
(call_expression function: (generic_function function: (identifier) @call))
(macro_invocation macro: (identifier) @call)
(type_identifier) @type

;;; members
(field_declaration name: (field_identifier) @name) @member
(enum_variant name: (identifier) @name) @member

;;; branches
[
  (if_expression) (for_expression) (while_expression) (loop_expression) (match_arm) (try_expression)
  (binary_expression operator: ["&&" "||"])
] @branch

;;; tests
((attribute_item (attribute [(identifier) (scoped_identifier)] @name)) . (attribute_item)* . (function_item) @test
  (#match? @name "(^|::)test$"))

;;; identifiers
[(identifier) (field_identifier) (type_identifier)] @identifier
