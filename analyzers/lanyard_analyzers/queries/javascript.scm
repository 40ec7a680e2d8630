;;; definitions
(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(field_definition property: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method
(expression_statement (assignment_expression) @wrapped) @wrapper

;;; references
(class_heritage (identifier) @type)
(jsx_opening_element name: (identifier) @call)
(jsx_self_closing_element name: (identifier) @call)

;;; members
(field_definition property: (_) @name) @member

;;; identifiers
[(identifier) (property_identifier) (private_property_identifier) (shorthand_property_identifier)] @identifier
